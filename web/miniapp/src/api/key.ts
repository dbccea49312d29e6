/** A key that no other request has: the time, and chance enough. `crypto` is not there in every mini-program. */
export function newKey(now: () => number = Date.now): string {
  let chance = ''
  while (chance.length < 24) chance += Math.random().toString(36).slice(2)
  return `${now().toString(36)}-${chance.slice(0, 24)}`
}
