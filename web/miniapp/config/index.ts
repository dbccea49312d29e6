import path from 'node:path'
import { defineConfig } from '@tarojs/cli'

/** The two builds: `dist` is the browser's, which is committed and embedded; `dist-weapp` is the mini-program's. */
export default defineConfig(async () => {
  const h5 = process.env.TARO_ENV === 'h5'
  const out = process.env.ZHIBU_OUT ?? (h5 ? 'dist' : 'dist-weapp')
  const h5dev = process.env.NODE_ENV === 'development'
  const server = process.env.ZHIBU_SERVER ?? 'http://127.0.0.1:8080'
  return {
    projectName: 'zhibu',
    date: '2026-11-24',
    designWidth: 375,
    deviceRatio: { 375: 2, 750: 1 },
    sourceRoot: 'src',
    outputRoot: out,
    framework: 'react',
    compiler: { type: 'webpack5', prebundle: { enable: false } },
    plugins: ['@tarojs/plugin-framework-react', h5 ? '@tarojs/plugin-platform-h5' : '@tarojs/plugin-platform-weapp'],
    alias: { '@': path.resolve(__dirname, '..', 'src') },
    defineConstants: { SERVER: JSON.stringify(h5 ? '' : server) },
    cache: { enable: false },
    copy: { patterns: h5 ? [] : [{ from: 'src/theme.json', to: `${out}/theme.json` }, { from: 'src/assets/tab', to: `${out}/assets/tab` }], options: {} },
    mini: {
      postcss: { pxtransform: { enable: false, config: {} }, cssModules: { enable: false, config: {} } },
      optimizeMainPackage: { enable: true },
      miniCssExtractPluginOption: { ignoreOrder: true },
    },
    h5: {
      // After the plug-ins have set theirs: Taro's component library and its styles stay out of the browser's build.
      webpackChain(chain: { resolve: { alias: { set: (name: string, to: string) => void } } }) {
        const own = path.resolve(__dirname, '..', 'src', 'h5')
        chain.resolve.alias.set('@tarojs/components$', path.join(own, 'components.tsx'))
        for (const css of ['@tarojs/components-react/dist/index.css', '@tarojs/components/dist/taro-components/taro-components.css']) chain.resolve.alias.set(`${css}$`, path.join(own, 'none.css'))
      },
      publicPath: h5dev ? '/' : '/m/',
      staticDirectory: 'assets',
      output: { filename: 'assets/[name].[contenthash:10].js', chunkFilename: 'assets/[name].[contenthash:10].js' },
      miniCssExtractPluginOption: { ignoreOrder: true, filename: 'assets/[name].[contenthash:10].css', chunkFilename: 'assets/[name].[contenthash:10].css' },
      router: { mode: 'hash', customRoutes: { '/pages/console/index': '/console' } },
      useHtmlComponents: true,
      enableSourceMap: false,
      postcss: { pxtransform: { enable: false, config: {} }, autoprefixer: { enable: true, config: {} }, cssModules: { enable: false, config: {} } },
      devServer: { port: 10086, host: '127.0.0.1', open: false, proxy: [{ context: ['/api', '/files'], target: server }] },
    },
  }
})
