/** Keys gives one idempotency key to one intention: the same body gets the same key until it has succeeded, another body another one. */
export class Keys {
  private body = ''
  private key = ''

  constructor(private readonly make: () => string = randomKey) {}

  fresh(): string {
    return this.make()
  }

  for(body: unknown): string {
    const text = JSON.stringify(body) ?? ''
    if (this.key === '' || text !== this.body) {
      this.body = text
      this.key = this.make()
    }
    return this.key
  }

  /** done is said when the server has taken it: doing the same once more is meant. */
  done(): void {
    this.key = ''
  }
}

function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
