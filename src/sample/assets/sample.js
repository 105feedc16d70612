// Shows what stays open and when it is cut.
"use strict";
(() => {
  const set = (id, text, state) => {
    const place = document.getElementById(id);
    place.textContent = text;
    place.className = state;
  };
  const clock = (text) => text.slice(11, 19) + " UTC";
  const now = () => clock(new Date().toISOString());

  const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/clock");
  socket.onmessage = (event) => set("socket", clock(event.data), "on");
  socket.onclose = () => set("socket", "ended " + now(), "off");

  const events = new EventSource("/events");
  events.onmessage = (event) => set("events", clock(event.data), "on");
  events.onerror = () => { events.close(); set("events", "ended " + now(), "off"); };

  const ask = async () => {
    const answer = await fetch("/.vestibule/state").catch(() => null);
    const left = answer && answer.headers.get("vestibule-window-left");
    if (left === null) { set("window", "not known", ""); return; }
    if (answer.status !== 204) { set("window", "passed", "off"); return; }
    const seconds = Number(left);
    const parts = [Math.floor(seconds / 86400) + " d", Math.floor(seconds / 3600) % 24 + " h", Math.floor(seconds / 60) % 60 + " min", seconds % 60 + " s"];
    const first = parts.findIndex((part) => !part.startsWith("0 "));
    set("window", parts.slice(first < 0 ? 3 : first, (first < 0 ? 3 : first) + 2).join(" "), "on");
  };
  ask();
  setInterval(ask, 10000);
})();
