/** @file A button that opens the system's dialog for files or a folder, or the camera. */

import { useRef } from 'preact/hooks';

/** What is asked for. */
export interface FileButtonProps {
  readonly label: string;
  /** The kinds of files that the dialog offers; all by default. */
  readonly accept?: string;
  readonly disabled: boolean;
  readonly multiple?: boolean;
  /** A folder is chosen, with all that is in it. */
  readonly folder?: boolean;
  /** On phones the camera opens. */
  readonly camera?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** The button. */
export function FileButton(props: FileButtonProps) {
  const { label, accept, disabled, multiple = false, folder = false, camera, onFiles } = props;
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      {/* A button that is `disabled` would lose the focus while its files are read. */}
      <button type="button" aria-disabled={disabled} onClick={() => disabled || field.current?.click()}>
        {label}
      </button>
      <input
        ref={field}
        type="file"
        hidden
        aria-label={label}
        accept={accept}
        multiple={multiple}
        data-folder={folder}
        {...(folder ? { webkitdirectory: true } : {})}
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
