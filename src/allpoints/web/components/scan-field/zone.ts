/** Tells from its length alone whether a machine-readable zone is all there; what it says is the server's to read. */
const WHOLE_LENGTHS: ReadonlySet<number> = new Set([72, 88, 90]);
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

/** All lines in one run, as a scanner sends them that ends no line. */
export function isOneRun(text: string): boolean {
  const lines = linesOf(text);
  return lines.length === 1 && WHOLE_LENGTHS.has(lines[0]!.length);
}

/** The line being entered is as long as a line of some format. */
export function isWholeLine(text: string): boolean {
  return LINE_LENGTHS.has(text.split(/[\r\n\t]/).at(-1)!.trim().length);
}
