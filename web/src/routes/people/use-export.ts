import { useMutation } from '@tanstack/react-query'
import { exportPerson } from '~/lib/api/person'
import { saveFile } from '~/lib/save-file'
import { toastProblem } from '~/lib/ui'

/** Saves everything stored about a person as a file. */
export function useExport(person: string) {
  return useMutation({
    mutationFn: () => exportPerson(person),
    onSuccess: (blob) => saveFile(blob, `person-${person}.json`),
    onError: toastProblem,
  })
}
