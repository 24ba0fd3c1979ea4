/** Live alerts: newest first, nothing doubled, never moves the focus. */
type State = "live" | "reconnecting" | "paused";
const TONES: Record<State, string> = { live: "tone-good", reconnecting: "tone-warn", paused: "tone-quiet" };
const KEPT = 50;
const RETRY_MS = 5000;

class AlertFeed extends HTMLElement {
  #source: EventSource | undefined;
  #after = "";
  #retry = 0;

  connectedCallback(): void {
    this.#after = this.dataset["after"] ?? "";
    const button = this.querySelector("button");
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => (this.#source ? this.#pause() : this.#open()));
    }
    this.#open();
  }

  disconnectedCallback(): void {
    this.#close();
  }

  #open(): void {
    this.#close();
    // The browser sends Last-Event-ID by itself when it reconnects, but not when a source is new.
    const address = `${this.dataset["address"]}?after=${encodeURIComponent(this.#after)}`;
    const source = new EventSource(address);
    source.addEventListener("open", () => this.#show("live"));
    source.addEventListener("error", () => {
      this.#show("reconnecting");
      if (source.readyState === EventSource.CLOSED) {
        this.#retry = window.setTimeout(() => this.#open(), RETRY_MS);
      }
    });
    source.addEventListener("alert", (event) => this.#take(event as MessageEvent<string>));
    this.#source = source;
  }

  #pause(): void {
    this.#close();
    this.#show("paused");
  }

  #close(): void {
    window.clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }

  #show(state: State): void {
    const label = this.querySelector<HTMLElement>(".alert-feed-state");
    if (label) {
      label.textContent = this.dataset[state] ?? state;
      label.className = `alert-feed-state tag ${TONES[state]}`;
      label.dataset["state"] = state;
    }
    const button = this.querySelector("button");
    if (button) button.textContent = (state === "paused" ? this.dataset["resume"] : this.dataset["pause"]) ?? "";
  }

  #take(event: MessageEvent<string>): void {
    this.#after = event.lastEventId || this.#after;
    const list = this.querySelector("ol");
    const fresh = new DOMParser().parseFromString(event.data, "text/html").querySelector("li");
    if (!list || !fresh) return;
    const known = [...list.children].some((line) => (line as HTMLElement).dataset["id"] === fresh.dataset["id"]);
    if (known) return;
    fresh.dataset["new"] = "";
    list.prepend(fresh);
    while (list.children.length > KEPT && !list.lastElementChild?.contains(document.activeElement)) {
      list.lastElementChild?.remove();
    }
    this.querySelector<HTMLElement>(".empty")?.setAttribute("hidden", "");
    const spoken = this.querySelector<HTMLElement>("[role=status]");
    const title = fresh.querySelector(".alert-title")?.textContent ?? "";
    if (spoken) spoken.textContent = `${this.dataset["announce"]} ${title}`;
  }
}

customElements.define("alert-feed", AlertFeed);
