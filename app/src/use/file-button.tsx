/** @file A button that opens the system's dialog for files, or the camera. */

import { useRef } from 'preact/hooks';

/** What is asked for. */
export interface FileButtonProps {
  readonly label: string;
  readonly accept: string;
  readonly disabled: boolean;
  readonly multiple?: boolean;
  /** On phones the camera opens. */
  readonly camera?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** The button. */
export function FileButton({ label, accept, disabled, multiple, camera, onFiles }: FileButtonProps) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" disabled={disabled} onClick={() => field.current?.click()}>
        {label}
      </button>
      <input
        ref={field}
        type="file"
        hidden
        aria-label={label}
        accept={accept}
        multiple={multiple ?? false}
        {...(camera ? { capture: 'environment' } : {})}
        onChange={({ currentTarget }) => {
          const chosen = [...(currentTarget.files ?? [])];
          currentTarget.value = '';
          onFiles(chosen);
        }}
      />
    </>
  );
}
