/** Announces the end of the session five minutes early and extends it without leaving the page. */
const EARLY_MS = 5 * 60 * 1000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

class SessionEnd extends HTMLElement {
  #timer = 0;

  connectedCallback(): void {
    this.#wait();
    this.querySelector("a")?.addEventListener("click", (event) => {
      event.preventDefault();
      void this.#extend((event.currentTarget as HTMLAnchorElement).href);
    });
  }

  disconnectedCallback(): void {
    window.clearTimeout(this.#timer);
  }

  #wait(): void {
    const wait = Number(this.dataset["ends"]) - Number(this.dataset["now"]) - EARLY_MS;
    this.#timer = window.setTimeout(() => (this.hidden = false), Math.min(Math.max(wait, 0), LONGEST_TIMER_MS));
  }

  async #extend(address: string): Promise<void> {
    const answer = await fetch(address, { redirect: "error" }).catch(() => undefined);
    // Without an answer the link is followed, so that the sign-in page can be reached.
    if (!answer?.ok) return window.location.assign(address);
    this.hidden = true;
    this.#wait();
  }
}

customElements.define("session-end", SessionEnd);
