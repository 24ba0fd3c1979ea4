/** Warns before a page with changed, unsent fields is left. Wraps one form. */
class UnsavedGuard extends HTMLElement {
  #changed = false;

  connectedCallback(): void {
    this.addEventListener("input", () => (this.#changed = true));
    this.addEventListener("submit", () => (this.#changed = false));
    window.addEventListener("beforeunload", this.#ask);
  }

  disconnectedCallback(): void {
    window.removeEventListener("beforeunload", this.#ask);
  }

  readonly #ask = (event: BeforeUnloadEvent): void => {
    if (this.#changed) event.preventDefault();
  };
}

customElements.define("unsaved-guard", UnsavedGuard);
