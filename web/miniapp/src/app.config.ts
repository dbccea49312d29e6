import { pages, tabs } from './pages'

const all = Object.values(pages)
const below = (root: string) => all.filter((p) => p.startsWith(`${root}/`)).map((p) => p.slice(root.length + 1))
const weapp = process.env.TARO_ENV === 'weapp'

/** The mini-program's configuration. In the browser our own bar stands below the page (ui/Page), since Taro's is nothing for a screen reader. */
export default defineAppConfig({
  pages: all.filter((p) => p.startsWith('pages/')),
  subPackages: ['member', 'secretary'].map((root) => ({ root, pages: below(root) })),
  window: weapp
    ? {
        navigationBarTitleText: '手机党支部',
        navigationBarBackgroundColor: '@navBg',
        navigationBarTextStyle: '@navText' as 'black',
        backgroundColor: '@pageBg',
        backgroundTextStyle: 'dark',
      }
    : { navigationBarTitleText: '手机党支部', navigationStyle: 'custom' },
  ...(weapp ? {} : { animation: false }),
  ...(weapp
    ? {
        darkmode: true,
        themeLocation: 'theme.json',
        lazyCodeLoading: 'requiredComponents',
        __usePrivacyCheck__: true,
        tabBar: {
          color: '@tabText',
          selectedColor: '@tabOn',
          backgroundColor: '@tabBg',
          borderStyle: '@tabBorder' as 'black',
          list: tabs.map((t) => ({ pagePath: pages[t.page], text: t.text, iconPath: `assets/tab/${t.icon}.png`, selectedIconPath: `assets/tab/${t.icon}-on.png` })),
        },
      }
    : {}),
})
