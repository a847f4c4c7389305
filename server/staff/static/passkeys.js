// A form that asks the browser for a passkey when it is sent, and carries the browser's answer.
const known = window.PublicKeyCredential;
const can = Boolean(known?.parseRequestOptionsFromJSON && known.prototype.toJSON);

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const told = (which) => {
    for (const each of document.querySelectorAll("[data-passkey-told]")) {
      each.hidden = each.dataset.passkeyTold !== which;
    }
  };
  if (!can) {
    told("unknown");
    continue;
  }
  told("none");
  form.hidden = false;
  let asking = false;
  form.addEventListener("submit", async (event) => {
    const answer = form.elements.answer;
    if (answer.value) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    told("none");
    const asked = JSON.parse(form.dataset.options);
    try {
      const credential =
        form.dataset.passkey === "new"
          ? await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(asked) })
          : await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(asked) });
      answer.value = JSON.stringify(credential.toJSON());
    } catch {
      // The browser says the same for a cancelled window and for a device that has no passkey.
      told("failed");
      return;
    } finally {
      asking = false;
    }
    form.submit();
  });
}
