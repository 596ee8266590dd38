// What the live process pushes becomes events on the document: "zhike:live:<kind>". One stream for all tabs'
// worth is not possible without a shared worker; a hidden tab lets its stream go.
let source = null;
let attempts = 0;

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
      source.onopen = () => (attempts = 0);
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
