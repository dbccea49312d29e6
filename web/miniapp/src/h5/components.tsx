/** Stands in the browser for Taro's component library, of which nothing is used there (ui/base.h5 draws with the browser's own elements); its style sheet asks another host. */
export function PullDownRefresh({ children }: { children?: unknown }) {
  return children
}
