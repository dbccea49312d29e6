export default definePageConfig({ navigationBarTitleText: '触达预演' })
