/** Keeps a printed clock running. The server's time is the reference: a wrong clock on the machine is no matter. */
const SECOND = 1000;
const UNITS: ReadonlyArray<readonly [number, string]> = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [SECOND, "s"],
];

export function shownDuration(span: number): string {
  const counts = UNITS.map(([size], place) => Math.floor((place ? span % UNITS[place - 1]![0] : span) / size));
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return "0 s";
  return UNITS.map(([, word], place) => ({ word, place, count: counts[place] ?? 0 }))
    .filter(({ place, count }) => place >= first && place < first + 2 && count > 0)
    .map(({ count, word }) => `${count} ${word}`)
    .join(" ");
}

class CountDown extends HTMLElement {
  #timer = 0;

  connectedCallback(): void {
    const behind = Number(this.dataset["now"]) - Date.now();
    this.#timer = window.setInterval(() => this.#show(Date.now() + behind), SECOND);
  }

  disconnectedCallback(): void {
    window.clearInterval(this.#timer);
  }

  #show(now: number): void {
    const left = Number(this.dataset["ends"]) - now;
    const time = this.querySelector("time");
    if (time) time.textContent = left > 0 ? shownDuration(left) : `${shownDuration(-left)} ${this.dataset["over"]}`;
    this.classList.toggle("countdown-over", left <= 0);
    const bar = this.querySelector("progress");
    if (bar) bar.value = Math.min(Math.max(now - Number(this.dataset["starts"]), 0), bar.max);
  }
}

customElements.define("count-down", CountDown);
