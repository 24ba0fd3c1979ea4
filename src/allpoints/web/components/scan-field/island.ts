/**
 * The border officer's one field. A scanner types like a keyboard: lines ended by Enter, by Tab or by nothing.
 * A complete zone is sent by itself, the field is emptied and keeps the focus for the next traveller.
 */
import htmx from "htmx.org";
import { isComplete, isEnded, isOneRun, isWholeLine } from "./zone";

const QUIET_MS = 120; // a scanner's keys come faster than this, a person's slower
const TRAILING_MS = 300; // a Tab so soon after the last line is still the scanner's

class ScanField extends HTMLElement {
  #field!: HTMLTextAreaElement;
  #form!: HTMLFormElement;
  #timer = 0;
  #busy = false;
  #waiting = "";
  #sent = -Infinity;

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
    if (event.key !== "Tab" || event.shiftKey) return;
    const trailing = this.#field.value === "" && event.timeStamp - this.#sent < TRAILING_MS;
    if (trailing) return event.preventDefault();
    if (!isWholeLine(this.#field.value)) return;
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
    if (isOneRun(this.#field.value)) this.#send();
  }

  #send(): void {
    window.clearTimeout(this.#timer);
    const scan = this.#field.value;
    if (scan.trim() === "") return this.#field.focus();
    this.#field.value = "";
    this.#field.focus();
    this.#sent = performance.now();
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
    document.querySelector("#verdict-title")?.scrollIntoView({ block: "nearest" });
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
