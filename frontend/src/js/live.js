// What the live process pushes becomes events on the document: "zhike:live:<kind>". One stream for all tabs'
// worth is not possible without a shared worker; a hidden tab lets its stream go. After a gap "again" is told:
// whoever shows a state asks for it anew.
let source = null;
let attempts = 0;
let missed = false; // something may have been told while nobody listened

export function startLive() {
  const meta = document.querySelector('meta[name="zhike-live"]');
  if (!meta?.content || !("EventSource" in window)) return;
  const connect = async () => {
    if (source || document.hidden) return;
    try {
      const answer = await fetch(meta.content, { headers: { Accept: "application/json" } });
      if (!answer.ok) return retry();
      const { url } = await answer.json();
      if (!url || source) return;
      source = new EventSource(url);
      source.onopen = () => {
        attempts = 0;
        if (missed) tell('{"kind": "again"}');
        missed = false;
      };
      source.onmessage = ({ data }) => tell(data);
      source.onerror = () => {
        drop();
        retry();
      };
    } catch {
      retry();
    }
  };
  const retry = () => setTimeout(connect, Math.min(60000, 2000 * 2 ** attempts++));
  const drop = () => {
    if (source) missed = true;
    source?.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? drop() : connect()));
  addEventListener("pagehide", drop);
  setTimeout(connect, 1500);
}

function tell(data) {
  try {
    const message = JSON.parse(data);
    document.dispatchEvent(new CustomEvent(`zhike:live:${message.kind}`, { detail: message }));
    document.body.dispatchEvent(new CustomEvent(`live-${message.kind}`, { bubbles: true, detail: message }));
  } catch {
    // not ours
  }
}
