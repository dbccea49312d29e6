/** WeChat's question about private interfaces; a browser has none. */
export function PrivacyAsk() {
  return null
}
