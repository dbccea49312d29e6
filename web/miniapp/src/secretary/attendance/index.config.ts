export default definePageConfig({ navigationBarTitleText: '出席情况' })
