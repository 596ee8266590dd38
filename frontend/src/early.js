// Comes before everything else, so that keys pressed while the page is still being fetched are not lost: they are
// kept, and pressed again when the page's scripts listen (js/keyboard.js). What is typed into a field goes there.
(() => {
  const field = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=combobox]";
  const kept = [];
  function keep(event) {
    const { key, target, ctrlKey, metaKey, altKey, isComposing } = event;
    const command = (ctrlKey || metaKey) && key.toLowerCase() === "k";
    const plain = !ctrlKey && !metaKey && !altKey && key.length === 1 && key !== " " && !target.closest?.(field);
    // Enter on a link or a button does its own work already.
    const enter = kept.length && key === "Enter" && target === document.body;
    if (isComposing || !(command || plain || enter)) return;
    kept.push({ key, ctrlKey, metaKey });
    event.stopImmediatePropagation();
    if (command || key === "/") event.preventDefault(); // the browser's own search
  }
  addEventListener("keydown", keep, true);
  window.earlyKeys = () => {
    removeEventListener("keydown", keep, true);
    return kept.splice(0);
  };
})();
