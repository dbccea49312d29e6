/** Nothing has to be prepared in the mini-program. */
export function prepare(): void {
  // no document
}
