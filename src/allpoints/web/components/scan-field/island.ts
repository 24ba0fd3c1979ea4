/**
 * The border officer's one field. A scanner types like a keyboard: lines ended by Enter, by Tab or by nothing.
 * A complete zone is sent by itself, the field is emptied and keeps the focus for the next traveller.
 */
import htmx from "htmx.org";

const QUIET_MS = 120; // a scanner's keys come faster than this, a person's slower
const WHOLE_LENGTHS = new Set([72, 88, 90]);
const LINE_LENGTHS: ReadonlyMap<number, number> = new Map([[30, 3], [36, 2], [44, 2]]);

/** Lines as typed, without blanks and empty lines. */
export function linesOf(text: string): string[] {
  return text.split(/[\r\n\t]+/).map((line) => line.replace(/\s+/g, "")).filter((line) => line !== "");
}

/** Every line there and each as long as its format says. */
export function isComplete(text: string): boolean {
  const lines = linesOf(text);
  const wanted = LINE_LENGTHS.get(lines[0]?.length ?? 0);
  return wanted === lines.length && lines.every((line) => line.length === lines[0]!.length);
}

/** As many lines as the first one promises, the last one ended: misread or not, the scanner has said it all. */
export function isEnded(text: string): boolean {
  const lines = linesOf(text);
  const wanted = (lines[0]?.length ?? 0) <= 33 ? 3 : 2;
  return lines.length >= wanted && /[\r\n\t]\s*$/.test(text);
}

const lastLine = (text: string): number => text.split(/[\r\n\t]/).at(-1)!.trim().length;

class ScanField extends HTMLElement {
  #field!: HTMLTextAreaElement;
  #form!: HTMLFormElement;
  #timer = 0;
  #busy = false;
  #waiting = "";

  connectedCallback(): void {
    this.#form = this.querySelector("form")!;
    this.#field = this.querySelector("textarea")!;
    this.#field.addEventListener("input", () => this.#typed());
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    document.addEventListener("click", this.#next);
    document.addEventListener("keydown", this.#escape);
  }

  disconnectedCallback(): void {
    document.removeEventListener("click", this.#next);
    document.removeEventListener("keydown", this.#escape);
  }

  /** Tab ends a scanner's line only while a zone is being entered; else it moves on as everywhere. */
  #key(event: KeyboardEvent): void {
    if (event.key !== "Tab" || event.shiftKey || !LINE_LENGTHS.has(lastLine(this.#field.value))) return;
    event.preventDefault();
    this.#field.setRangeText("\n", this.#field.selectionStart, this.#field.selectionEnd, "end");
    this.#typed();
  }

  #typed(): void {
    window.clearTimeout(this.#timer);
    // The Enter that ends a scan arrives after the zone was sent.
    if (this.#field.value.trim() === "") this.#field.value = "";
    else if (isComplete(this.#field.value) || isEnded(this.#field.value)) this.#send();
    else this.#timer = window.setTimeout(() => this.#settled(), QUIET_MS);
  }

  #settled(): void {
    const text = linesOf(this.#field.value);
    if (text.length === 1 && WHOLE_LENGTHS.has(text[0]!.length)) this.#send();
  }

  #send(): void {
    window.clearTimeout(this.#timer);
    const scan = this.#field.value;
    if (scan.trim() === "") return this.#field.focus();
    this.#field.value = "";
    this.#field.focus();
    // One question at a time: a second traveller scanned early waits for the first answer.
    if (this.#busy) this.#waiting = scan;
    else void this.#ask(scan);
  }

  async #ask(scan: string): Promise<void> {
    this.#busy = true;
    this.#say("status", this.dataset["checking"] ?? "");
    const values = { ...Object.fromEntries(new FormData(this.#form)), scan };
    const before = document.querySelector("#verdict-title");
    const address = this.#form.getAttribute("action") ?? "";
    const options = { target: "#live", select: "#live > *", swap: "innerHTML", values } as const;
    await htmx.ajax("post", address, options).catch(() => undefined);
    // No answer must never look like the answer of the traveller before.
    const title = document.querySelector("#verdict-title");
    const refused = document.querySelector("#live error-summary") !== null;
    if (!refused && (!title || title === before)) this.#unable();
    this.#announce();
    this.#busy = false;
    const waiting = this.#waiting;
    this.#waiting = "";
    if (waiting) await this.#ask(waiting);
  }

  #unable(): void {
    const band = this.querySelector("template")!.content.cloneNode(true);
    const old = document.querySelector("#verdict");
    if (old) old.replaceWith(band);
    else document.querySelector("#live")?.prepend(band);
  }

  #announce(): void {
    const verdict = document.querySelector<HTMLElement>("#verdict");
    const words = document.querySelector("#verdict-title")?.textContent?.trim() ?? "";
    const calm = verdict?.dataset["verdict"] === "clear" || verdict?.dataset["verdict"] === undefined;
    this.#say("status", calm ? words : "");
    this.#say("alert", calm ? "" : words);
  }

  #say(role: "status" | "alert", words: string): void {
    this.querySelector(`[role=${role}]`)!.textContent = words;
  }

  readonly #next = (event: Event): void => {
    if (!(event.target as Element).closest("[data-next]")) return;
    event.preventDefault();
    this.#clear();
  };

  readonly #escape = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && document.activeElement === this.#field) this.#clear();
  };

  #clear(): void {
    document.querySelector("#verdict")?.replaceChildren();
    document.querySelector("#verdict")?.removeAttribute("class");
    this.#field.value = "";
    this.#field.focus();
  }
}

customElements.define("scan-field", ScanField);
