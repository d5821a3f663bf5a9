// Sends a file or a folder to POST /api/upload while a bar moves, and gives the receipt to the page.
// Everything that comes from a file or from the server is set as text, never as HTML.

const controls = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const find = (name) => parentElement.querySelector(`[data-part="${name}"]`);
  let control = controls.get(parentElement);
  if (!control) controls.set(parentElement, (control = { request: null }));
  control.data = data;
  control.give = (value) => setStateValue("upload", value);
  find("folder-button").hidden = !data.folder;
  find("hint").textContent = data.hint;
  find("file").accept = data.accept;
  if (control.ready) return;
  control.ready = true;

  const say = (words, tone = "") => {
    find("words").textContent = words;
    find("words").dataset.tone = tone;
  };
  const busy = (is) => {
    find("choose").hidden = is;
    find("running").hidden = !is;
  };
  const size = (bytes) =>
    bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : (bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 1 }) + " MB";

  const send = (files) => {
    const shown = files.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".")));
    if (!shown.length || control.request) return;
    const total = shown.reduce((sum, { file }) => sum + file.size, 0);
    if (total > control.data.max_megabytes * 1e6)
      return say(`That is ${size(total)}; at most ${control.data.max_megabytes} MB can be uploaded.`, "bad");
    const form = new FormData();
    const isFolder = shown.length > 1 || shown[0].path.includes("/");
    if (isFolder && !control.data.folder) return say("Upload one file.", "bad");
    for (const { file, path } of shown) form.append(isFolder ? "folder" : "file", file, path);
    control.give(null);
    start(form, isFolder ? `${shown.length.toLocaleString("en")} files` : shown[0].path, total);
  };

  const start = (form, name, total) => {
    const request = (control.request = new XMLHttpRequest());
    const finish = (words, tone, value = null) => {
      control.request = null;
      busy(false);
      say(words, tone);
      if (value) control.give(value);
    };
    request.open("POST", "/api/upload");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded }) => {
      const share = Math.min(1, loaded / Math.max(1, total));
      find("bar").value = share;
      say(share < 1 ? `Uploading ${name}: ${size(loaded)} of ${size(total)}` : `Storing ${name} ...`);
    };
    request.onload = () => {
      const answer = request.response ?? {};
      if (request.status === 200) return finish(`Uploaded: ${name} (${size(total)})`, "good", answer);
      const { happened = `The hub answered ${request.status}.`, expected = "", mend = "" } = answer.error ?? {};
      finish([happened, expected, mend].filter(Boolean).join(" "), "bad");
    };
    request.onerror = () => finish("The connection was interrupted. Upload the file again.", "bad");
    request.onabort = () => finish("Cancelled. Nothing was uploaded.", "");
    busy(true);
    find("bar").value = 0;
    say(`Uploading ${name} ...`);
    request.send(form);
  };

  const chosen = (input) => {
    send([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
    input.value = "";
  };
  find("file").onchange = (event) => chosen(event.target);
  find("folder").onchange = (event) => chosen(event.target);
  find("file-button").onclick = () => find("file").click();
  find("folder-button").onclick = () => find("folder").click();
  find("cancel").onclick = () => control.request?.abort();

  const zone = find("zone");
  const mark = (is) => (event) => {
    event.preventDefault();
    zone.classList.toggle("over", is);
  };
  zone.ondragover = mark(true);
  zone.ondragleave = mark(false);
  zone.ondrop = async (event) => {
    mark(false)(event);
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    send((await Promise.all(entries.map(walk))).flat());
  };
  return () => {
    control.request?.abort();
    controls.delete(parentElement);
  };
}

// All files below a dropped entry. A folder gives its entries in parts of a hundred.
async function walk(entry, path = "") {
  const here = path + entry.name;
  if (entry.isFile) return [{ path: here, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!part.length) break;
    for (const child of part) found.push(...(await walk(child, here + "/")));
  }
  return found;
}
