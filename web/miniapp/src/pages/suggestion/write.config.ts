export default definePageConfig({ navigationBarTitleText: '提一条建议' })
