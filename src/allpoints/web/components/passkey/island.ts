/** Fetches options, asks the browser for a passkey with them, and sends the form with what came back. */
type Json = Record<string, unknown>;

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(data: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(data));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function described(list: unknown): PublicKeyCredentialDescriptor[] {
  return ((list ?? []) as Json[]).map((one) => ({ type: "public-key", id: bytes(String(one["id"])) }));
}

async function created(options: Json): Promise<Json> {
  const user = options["user"] as Json;
  const made = (await navigator.credentials.create({
    publicKey: {
      ...(options as unknown as PublicKeyCredentialCreationOptions),
      challenge: bytes(String(options["challenge"])),
      user: { id: bytes(String(user["id"])), name: String(user["name"]), displayName: String(user["displayName"]) },
      excludeCredentials: described(options["excludeCredentials"]),
    },
  })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return answered(made, { attestationObject: text(response.attestationObject) });
}

async function got(options: Json): Promise<Json> {
  const used = (await navigator.credentials.get({
    publicKey: {
      ...(options as unknown as PublicKeyCredentialRequestOptions),
      challenge: bytes(String(options["challenge"])),
      allowCredentials: described(options["allowCredentials"]),
    },
  })) as PublicKeyCredential;
  const response = used.response as AuthenticatorAssertionResponse;
  return answered(used, {
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    ...(response.userHandle ? { userHandle: text(response.userHandle) } : {}),
  });
}

function answered(key: PublicKeyCredential, more: Json): Json {
  const response = { clientDataJSON: text(key.response.clientDataJSON), ...more };
  return { id: key.id, rawId: text(key.rawId), type: key.type, response };
}

class PasskeyButton extends HTMLElement {
  connectedCallback(): void {
    const button = this.querySelector("button");
    if (!button) return;
    if (!window.PublicKeyCredential) return this.#say(this.dataset["unable"]);
    button.hidden = false;
    button.addEventListener("click", () => void this.#ask(button));
  }

  async #ask(button: HTMLButtonElement): Promise<void> {
    const form = this.closest("form");
    const field = this.querySelector("input");
    if (!form || !field) return;
    this.#say("");
    button.disabled = true;
    try {
      const options = await this.#options(form);
      if (!options) return;
      field.value = JSON.stringify(this.dataset["act"] === "create" ? await created(options) : await got(options));
      form.submit();
    } catch {
      // The browser does not say why: that would tell a page which passkeys there are.
      this.#say(this.dataset["failed"]);
    } finally {
      button.disabled = false;
    }
  }

  async #options(form: HTMLFormElement): Promise<Json | undefined> {
    const fields = new URLSearchParams();
    new FormData(form).forEach((value, name) => typeof value === "string" && fields.append(name, value));
    const answer = await fetch(this.dataset["options"] ?? "", {
      method: "POST",
      body: fields,
      headers: { accept: "application/json" },
    });
    const body = (await answer.json()) as Json;
    if (answer.ok) return body;
    this.#say(String(body["detail"] ?? this.dataset["failed"]));
    return undefined;
  }

  #say(words = ""): void {
    const place = this.querySelector("[role=alert]");
    if (place) place.textContent = words;
  }
}

customElements.define("passkey-button", PasskeyButton);
