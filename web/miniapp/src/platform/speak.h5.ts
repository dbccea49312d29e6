/** Reads aloud with a voice of the device itself; none that asks another host. */
function voice(): SpeechSynthesisVoice | undefined {
  return 'speechSynthesis' in window ? window.speechSynthesis.getVoices().find((v) => v.localService && v.lang.startsWith('zh')) : undefined
}

/** Whether this device can read Chinese aloud. Voices may come a moment after the page. */
export function canSpeak(): boolean {
  return voice() !== undefined
}

/** Reads the text, paragraph by paragraph; tells when it is over. */
export function speak(text: string, over: () => void): void {
  const parts = text.split(/\n+/).filter((x) => x.trim() !== '')
  parts.forEach((part, i) => {
    const u = new SpeechSynthesisUtterance(part)
    const v = voice()
    if (v) u.voice = v
    u.lang = 'zh-CN'
    if (i === parts.length - 1) u.onend = over
    window.speechSynthesis.speak(u)
  })
}

/** Is silent at once. */
export function hush(): void {
  if ('speechSynthesis' in window) window.speechSynthesis.cancel()
}
