export default definePageConfig({ navigationBarTitleText: '提醒与订阅' })
