// Words of the page in English and Japanese, and which of them are shown.

const WORDS = {
  en: {
    skip: "Skip to the picture", add: "Add", theme: "Dark or light",
    headline1: "Everyone, cut out.", headline2: "Hair and all.",
    lead: "Drop an anime picture. Each character becomes a clean cutout that you can keep, leave out, touch up and take along.",
    pick: "Choose pictures", dropHint: "or drop them anywhere, or paste. Short videos too.",
    example: "No picture at hand? Take ours.",
    promise1: "Nothing leaves your server", promise2: "Works offline", promise3: "Free and open",
    picture: "Picture", tools: "Tools", tool: "Tool", toolPick: "Pick characters (V)",
    toolAdd: "Brush: bring back (B)", toolErase: "Brush: take away (E)", brushSize: "Brush size",
    undo: "Undo", redo: "Redo", zoomIn: "Larger", zoomOut: "Smaller",
    compare: "Before and after", failedTitle: "That one did not work", again: "Try again",
    removeIt: "Remove it", close: "Close", remove: "Remove {name}", pictures: "Pictures", choices: "Choices",
    characters: "Characters", whoStays: "Who stays", all: "All", waifu: "Waifu",
    husbando: "Husbando", unknown: "Unknown",
    castHint: "Press a character to leave it out or take it back.",
    nobody: "Nobody was found here. The brush can still bring something back.",
    background: "Background", none: "None", white: "White", black: "Black", green: "Green screen",
    pink: "Pink", sky: "Sky blue", blur: "Blurred", colour: "Colour of your own",
    backPicture: "Picture of your own", edge: "Edge", reset: "Reset", grow: "Trim or grow",
    soften: "Soften", harden: "Harden", download: "Download", save: "Download PNG", copy: "Copy",
    saveEach: "One each", saveAll: "All pictures", videoTitle: "Video",
    videoHint: "Choose who stays, then make a transparent video of them.",
    makeVideo: "Make the video", saveVideo: "Download", showIds: "Show the numbers",
    letGo: "Let go to cut them out", tokenTitle: "This server wants a token", token: "Token",
    tokenOk: "Go on",
    waiting: "Waiting for its turn…", sending: "Sending…", looking: "Looking for characters…",
    busy: "The server is busy; going on in a moment…", frames: "Frame {done} of {total}",
    making: "Making the video…", made: "The video is ready.", copied: "Copied", noCopy: "This browser does not let pages copy pictures",
    gone: "The server does not answer. Trying again…", back: "The server is back.",
    found: "{name}: {count} characters", tooLarge: "is larger than {most} MB; this server takes no larger ones",
    character: "Character {id}", frameCount: "{count} frames", left: "left out", inIt: "stays",
    of: "{on} of {count}", removed: "Removed", notPicture: "cannot be shown as a background",
    wrongToken: "That token is not this server's. Look whether all of it was copied.", cancel: "Not now",
    locked: "Without a token this server does nothing. Add a picture, or press “Try again”, to give it one.",
    refused: "It cannot be read, or has more than {megapixels} megapixels. Save it again as a PNG or JPEG, smaller perhaps, or choose another.",
    refusedVideo: "It cannot be read, or has more than {frames} frames or {megapixels} megapixels each. Convert it to MP4, or cut a part out of it.",
    brokeOff: "The server went away in the middle. Try again.",
    failedThere: "The server could not finish it. Try again in a while.",
    psdHolds: "The PSD has no brush, edges or background; its lowest layer, hidden, is the whole picture.",
    psdEveryone: "The PSD holds everyone: too many stay, or somebody who stays is too small to point at.",
  },
  ja: {
    skip: "画像へ移動", add: "追加", theme: "ダーク・ライト切替",
    headline1: "キャラを、まるごと切り抜き。", headline2: "髪の毛一本まで。",
    lead: "アニメの絵をドロップするだけ。キャラクターごとにきれいに切り抜き、残す・外す・整える・持ち帰る。",
    pick: "画像を選ぶ", dropHint: "ドロップや貼り付けもOK。短い動画にも対応。",
    example: "手元に絵がない？サンプルで試す",
    promise1: "画像はサーバーの外に出ません", promise2: "オフラインで動作", promise3: "無料・オープンソース",
    picture: "画像", tools: "ツール", tool: "ツール", toolPick: "キャラを選ぶ (V)",
    toolAdd: "ブラシ：戻す (B)", toolErase: "ブラシ：消す (E)", brushSize: "ブラシの太さ",
    undo: "元に戻す", redo: "やり直す", zoomIn: "拡大", zoomOut: "縮小",
    compare: "ビフォー・アフター", failedTitle: "うまくいきませんでした", again: "もう一度",
    removeIt: "取り除く", close: "閉じる", remove: "{name} を取り除く", pictures: "画像一覧", choices: "設定",
    characters: "キャラクター", whoStays: "残すキャラ", all: "全員", waifu: "ワイフ",
    husbando: "ハズバンド", unknown: "不明",
    castHint: "押すと外したり戻したりできます。",
    nobody: "キャラクターは見つかりませんでした。ブラシで描き足せます。",
    background: "背景", none: "なし", white: "白", black: "黒", green: "グリーンバック",
    pink: "ピンク", sky: "空色", blur: "ぼかし", colour: "好きな色", backPicture: "好きな画像",
    edge: "輪郭", reset: "リセット", grow: "縮める・広げる", soften: "やわらかく", harden: "くっきり",
    download: "ダウンロード", save: "PNGを保存", copy: "コピー", saveEach: "1人ずつ", saveAll: "全部の画像",
    videoTitle: "動画", videoHint: "残すキャラを選んで、透過動画を作ります。", makeVideo: "動画を作る",
    saveVideo: "保存", showIds: "番号を表示", letGo: "はなすと切り抜きます",
    tokenTitle: "このサーバーにはトークンが必要です", token: "トークン", tokenOk: "続ける",
    waiting: "順番を待っています…", sending: "送信中…", looking: "キャラクターを探しています…",
    busy: "サーバーが混み合っています。まもなく再開します…", frames: "{total}フレーム中 {done}",
    making: "動画を作っています…", made: "動画ができました。", copied: "コピー済み", noCopy: "このブラウザでは画像をコピーできません",
    gone: "サーバーが応答しません。再試行しています…", back: "サーバーに再接続しました。",
    found: "{name}：{count}人", tooLarge: "{most} MBを超えています。このサーバーでは扱えません",
    character: "キャラ {id}", frameCount: "{count}フレーム", left: "外した", inIt: "残す",
    of: "{count}人中 {on}人", removed: "取り除きました", notPicture: "背景として表示できません",
    wrongToken: "トークンが違います。全部コピーできているか確認してください。", cancel: "あとで",
    locked: "トークンがないと、このサーバーは使えません。画像を追加するか「もう一度」を押して入力してください。",
    refused: "読み込めないか、{megapixels}メガピクセルを超えています。PNGやJPEGで（必要なら縮小して）保存し直すか、別の画像を選んでください。",
    refusedVideo: "読み込めないか、{frames}フレームまたは{megapixels}メガピクセルを超えています。MP4に変換するか、短い部分を切り出してください。",
    brokeOff: "途中でサーバーとの接続が切れました。もう一度お試しください。",
    failedThere: "サーバーで処理を完了できませんでした。しばらくしてからもう一度お試しください。",
    psdHolds: "PSDにはブラシ・輪郭・背景は反映されません。一番下の非表示レイヤーは元の画像です。",
    psdEveryone: "PSDには全員が入っています。残すキャラが多すぎるか、小さすぎて指定できません。",
  },
};

const listeners = [];
let language = localStorage.getItem("kirinuki.language")
  ?? (navigator.language.startsWith("ja") ? "ja" : "en");

/** A phrase with its {holes} filled. */
export function t(key, holes = {}) {
  const phrase = WORDS[language][key] ?? key;
  return phrase.replace(/\{(\w+)\}/g, (_, name) => String(holes[name]));
}

/** Phrases that one of the languages lacks, and keys of the page that none has. */
export function missing() {
  const keys = [...document.querySelectorAll("[data-i18n], [data-i18n-label]")]
    .flatMap((one) => [one.dataset.i18n, one.dataset.i18nLabel].filter(Boolean));
  const known = Object.values(WORDS).flatMap(Object.keys);
  return [...keys, ...known].filter((key) => !Object.values(WORDS).every((words) => key in words));
}

/** Calls back whenever another language is chosen. */
export function onLanguage(listener) {
  listeners.push(listener);
}

export function switchLanguage() {
  language = language === "ja" ? "en" : "ja";
  localStorage.setItem("kirinuki.language", language);
  translate();
}

/** Puts all words of the page in the language chosen. */
export function translate() {
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-i18n]")) one.textContent = t(one.dataset.i18n);
  for (const one of document.querySelectorAll("[data-i18n-label]")) {
    const words = t(one.dataset.i18nLabel);
    one.setAttribute("aria-label", words);
    if (one.tagName === "BUTTON") one.title = words;
  }
  const button = document.getElementById("language");
  button.textContent = language === "ja" ? "English" : "日本語";
  button.lang = language === "ja" ? "en" : "ja";
  for (const listener of listeners) listener();
}
