import { session } from '~/api/client'
import { offline, Problem } from '~/api/problem'
import type { components } from '~/api/schema'

/** upload sends a file and says how far it has come, which fetch cannot. The server judges the file by its content. */
export async function upload(file: File, progress: (percent: number) => void = () => undefined): Promise<components['schemas']['UploadView']> {
  const token = await session.token()
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/api/v1/uploads')
    if (token) request.setRequestHeader('Authorization', `Bearer ${token}`)
    request.upload.onprogress = (event) => event.lengthComputable && progress(Math.round((event.loaded / event.total) * 100))
    request.onerror = () => reject(offline())
    request.onload = () => {
      let body: unknown = {}
      try {
        body = JSON.parse(request.responseText)
      } catch {
        // A proxy's page is no answer of ours.
      }
      if (request.status === 201) resolve(body as components['schemas']['UploadView'])
      else reject(new Problem({ ...(body as object), status: request.status }))
    }
    const form = new FormData()
    form.append('disclosure', 'public')
    form.append('file', file)
    request.send(form)
  })
}
