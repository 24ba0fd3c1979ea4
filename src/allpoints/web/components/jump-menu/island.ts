/** Jump menu: `/` (can be turned off) or Ctrl K; arrows, Enter, Escape; says how many choices there are. */
const SETTING = "jump-slash";
const NOTICE = /^\d{4}-\d+(-\d+)?$/;
const HIT = /^H-[\w-]+$/i;

class JumpMenu extends HTMLElement {
  #dialog!: HTMLDialogElement;
  #text!: HTMLInputElement;
  #slash!: HTMLInputElement;

  connectedCallback(): void {
    this.#dialog = this.querySelector("dialog")!;
    this.#text = this.querySelector<HTMLInputElement>("[role=combobox]")!;
    this.#slash = this.querySelector<HTMLInputElement>("[type=checkbox]")!;
    this.#slash.checked = localStorage.getItem(SETTING) !== "off";
    this.#slash.addEventListener("change", () => localStorage.setItem(SETTING, this.#slash.checked ? "on" : "off"));
    const opener = this.querySelector<HTMLButtonElement>(".jump-open")!;
    opener.hidden = false;
    opener.addEventListener("click", () => this.#open());
    this.#text.addEventListener("input", () => this.#filter());
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#dialog.addEventListener("click", (event) => this.#go((event.target as Element).closest("[role=option]")));
    document.addEventListener("keydown", this.#shortcut);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.#shortcut);
  }

  readonly #shortcut = (event: KeyboardEvent): void => {
    const typing = (event.target as Element).closest("input, textarea, select, [contenteditable]") !== null;
    const slash = event.key === "/" && !typing && this.#slash.checked && !event.ctrlKey && !event.metaKey;
    const control = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (!slash && !control) return;
    event.preventDefault();
    this.#open();
  };

  #open(): void {
    if (this.#dialog.open) return;
    this.#text.value = "";
    this.#filter();
    this.#dialog.showModal();
    this.#text.focus();
  }

  get #shown(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[role=option]:not([hidden])")];
  }

  #filter(): void {
    const wanted = this.#text.value.trim().toLowerCase();
    this.querySelector("[data-reference]")?.remove();
    for (const option of this.querySelectorAll<HTMLElement>("[role=option]")) {
      option.hidden = !option.textContent!.toLowerCase().includes(wanted);
    }
    this.#offer(this.#text.value.trim());
    this.#select(this.#shown[0]);
    const count = this.#shown.length;
    const words = count === 1 ? this.dataset["one"] : `${count} ${this.dataset["many"]}`;
    this.querySelector("[role=status]")!.textContent = words ?? "";
  }

  #offer(text: string): void {
    const kind = NOTICE.test(text) ? "notice" : HIT.test(text) ? "hit" : "";
    if (!kind) return;
    const option = document.createElement("li");
    option.id = "jump-reference";
    option.setAttribute("role", "option");
    option.dataset["reference"] = "";
    option.dataset["href"] = `${this.dataset["home"]}/${kind}s/${encodeURIComponent(text)}`;
    option.textContent = `${this.dataset[kind]} ${text}`;
    this.querySelector("[role=listbox]")!.prepend(option);
  }

  #select(option: HTMLElement | undefined): void {
    for (const other of this.querySelectorAll("[role=option]")) other.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    this.#text.setAttribute("aria-activedescendant", option?.id ?? "");
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = this.querySelector("[aria-selected=true]");
    if (event.key === "Enter") this.#go(chosen);
    if (step === undefined) return;
    event.preventDefault();
    const shown = this.#shown;
    const place = shown.indexOf(chosen as HTMLElement);
    this.#select(shown[(place + step + shown.length) % shown.length]);
  }

  #go(option: Element | null): void {
    const address = (option as HTMLElement | null)?.dataset["href"];
    if (address) window.location.assign(address);
  }
}

customElements.define("jump-menu", JumpMenu);
