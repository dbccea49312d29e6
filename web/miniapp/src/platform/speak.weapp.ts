/** The mini-program has no voice of its own: the plain text is for the phone's reading aloud (旁白, TalkBack, 朗读屏幕). */
export function canSpeak(): boolean {
  return false
}

export function speak(_text: string, over: () => void): void {
  over()
}

export function hush(): void {
  // nothing speaks
}
