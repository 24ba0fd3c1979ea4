/** A reference with a button that copies it; without scripts the button is not there. */
class CopyReference extends HTMLElement {
  connectedCallback(): void {
    const button = this.querySelector("button");
    const reference = this.querySelector("bdi")?.textContent ?? "";
    const word = button?.querySelector("span");
    // Browsers offer the clipboard to pages over TLS (and on the machine itself) only.
    if (!button || !word || !navigator.clipboard) return;
    button.hidden = false;
    const before = word.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(reference);
      word.textContent = this.dataset["copied"] ?? before;
      window.setTimeout(() => (word.textContent = before), 2000);
    });
  }
}

customElements.define("copy-reference", CopyReference);
