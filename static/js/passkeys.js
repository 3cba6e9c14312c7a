// Says in the corner that a passkey was not used: somebody cancelled, or none was there.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { passkeyFailed } = document.querySelector("[data-passkey-failed]").dataset;
  document.dispatchEvent(new CustomEvent("toast", { detail: { value: passkeyFailed } }));
});
