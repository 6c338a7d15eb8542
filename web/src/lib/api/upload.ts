import { ApiError, problemsOf } from './client'
import type { Upload } from './types'

/** Sends a file as it is; `onProgress` gets the bytes sent. XMLHttpRequest, since `fetch` tells no upload progress. */
export function upload(file: File, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', `/api/v1/uploads?name=${encodeURIComponent(file.name)}`)
    xhr.setRequestHeader('content-type', 'application/octet-stream')
    xhr.responseType = 'json'
    xhr.upload.addEventListener('progress', (event) => onProgress(event.loaded))
    xhr.addEventListener('load', () => {
      if (xhr.status >= 200 && xhr.status < 300) resolve(xhr.response as Upload)
      else reject(new ApiError(xhr.status, problemsOf(xhr.response)))
    })
    xhr.addEventListener('error', () => reject(new ApiError(0, [])))
    xhr.addEventListener('abort', () => reject(new DOMException('Upload cancelled', 'AbortError')))
    signal.addEventListener('abort', () => xhr.abort())
    xhr.send(file)
  })
}
