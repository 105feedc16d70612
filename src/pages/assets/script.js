// Comfort only: every page does its work without this file.
"use strict";
(() => {
  const all = (selector) => document.querySelectorAll(selector);

  // Password rules tick themselves off; whether the two match is said once both have something in them.
  for (const form of all("form[data-password]")) {
    const first = form.elements.namedItem("new_password");
    const second = form.elements.namedItem("new_password_again");
    const match = document.getElementById("match");
    const least = Number(form.dataset.password);
    const kinds = { lower: /[a-z]/, upper: /[A-Z]/, digit: /[0-9]/, special: /[^a-zA-Z0-9]/ };
    const passphrase = Number(form.dataset.passphrase);
    const judge = () => {
      const length = [...first.value].length;
      for (const rule of form.querySelectorAll("[data-rule]")) {
        const kind = kinds[rule.dataset.rule];
        const met = kind ? kind.test(first.value) || length >= passphrase : length >= least;
        rule.classList.toggle("met", met);
        rule.classList.remove("broken");
        rule.lastElementChild.textContent = met ? rule.dataset.met : "";
      }
      const both = first.value !== "" && second.value !== "";
      const same = first.value === second.value;
      match.textContent = both ? (same ? match.dataset.same : match.dataset.other) : "";
      match.classList.toggle("met", both && same);
    };
    first.addEventListener("input", judge);
    second.addEventListener("input", judge);
  }

  // Copy: the text of an element, list entries one per line, without the spaces between groups.
  for (const button of all("button[data-copy]")) {
    const source = document.getElementById(button.dataset.copy);
    if (!navigator.clipboard || !source) continue;
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const entries = source.querySelectorAll("li");
      const text = entries.length ? Array.from(entries, (entry) => entry.textContent.trim()).join("\n") : source.textContent.replace(/\s/g, "");
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = button.dataset.done;
        setTimeout(() => { button.textContent = label; }, 2000);
      } catch {
        getSelection().selectAllChildren(source);
      }
    });
  }

  for (const button of all("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  // Next steps forward as soon as the codes were downloaded or the box is ticked.
  for (const form of all("form[data-next]")) {
    const next = form.querySelector("button");
    const box = form.elements.namedItem("saved");
    const download = document.querySelector("form[data-saves] button");
    const forward = (ready) => {
      next.className = ready ? "main" : "second";
      download.className = ready ? "second" : "main";
    };
    let downloaded = next.className === "main";
    box.addEventListener("change", () => forward(downloaded || box.checked));
    document.querySelector("form[data-saves]").addEventListener("submit", () => {
      downloaded = true;
      forward(true);
      // A download leaves the page as it is: what it complained of has just been done.
      for (const complaint of all(".alert, #saved-why")) complaint.remove();
      box.closest(".field, .tick").classList.remove("wrong");
      for (const name of ["aria-invalid", "aria-describedby"]) box.removeAttribute(name);
    });
  }

  // On to another host, as if there were no page in between.
  for (const form of all("form[data-send]")) form.submit();

  // A window that a page of the portal has opened to ask for a code: whoever listens there hears that one was accepted.
  for (const page of all("[data-announce]")) {
    const channel = new BroadcastChannel("vestibule");
    channel.postMessage(page.dataset.announce);
    channel.close();
  }

  // One press, one post; going back makes the buttons work again.
  for (const form of all("form:not([data-saves])")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
      setTimeout(() => { delete form.dataset.sent; }, 5000);
    });
  }
  addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) delete form.dataset.sent; });
})();
