/** How far a text has been read, of what was on the screen; nobody measures how long. */

/** The share of the text above the lower edge of the screen, in whole percent. `top` is where the text begins, counted from the screen's upper edge. */
export function seen(top: number, height: number, screen: number): number {
  if (height <= 0) return 0
  return Math.min(100, Math.max(0, Math.round(((screen - top) / height) * 100)))
}

/** Whether another figure is worth sending: the first, each tenth, and the end. */
export function worth(sent: number, now: number): boolean {
  return now > sent && (now === 100 || now - sent >= 10)
}
