/* Files that arrive by dropping or pasting, anywhere in the room. */

const hasFiles = (transfer) => [...(transfer?.types ?? [])].includes("Files");

/** Hand dropped and pasted files to `accept(files)`; `root` gets the class "dropping" meanwhile. */
export function receiveFiles(root, accept) {
  let depth = 0;
  const over = (by) => {
    depth = by ? Math.max(0, depth + by) : 0;
    root.classList.toggle("dropping", depth > 0);
  };
  root.addEventListener("dragenter", ({ dataTransfer }) => hasFiles(dataTransfer) && over(1));
  root.addEventListener("dragleave", ({ dataTransfer }) => hasFiles(dataTransfer) && over(-1));
  root.addEventListener(
    "dragover",
    (event) => hasFiles(event.dataTransfer) && event.preventDefault(),
  );
  root.addEventListener("drop", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    over(0);
    accept([...event.dataTransfer.files]);
  });
  root.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    accept([...event.clipboardData.files]);
  });
}
