/** Takes the focus when a refused form comes back, so that it is read first. */
class ErrorSummary extends HTMLElement {
  connectedCallback(): void {
    // Shown as an example, it leaves the focus alone.
    if (!this.closest(".component-stage")) this.focus();
  }
}

customElements.define("error-summary", ErrorSummary);
