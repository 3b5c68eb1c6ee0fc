import { useEffect, useState } from 'preact/hooks';

import { t } from '../text/index.js';

/** A place for a picture: dropped, chosen from the disk, or pasted anywhere on the page. */
export function Drop({ onPicture }: { readonly onPicture: (picture: Blob, name: string) => void }) {
  const [over, setOver] = useState(false);
  const take = (files: FileList | undefined) => {
    const file = [...(files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (file !== undefined) onPicture(file, file.name);
  };
  useEffect(() => {
    const paste = (event: ClipboardEvent) => take(event.clipboardData?.files);
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  });
  return (
    <label
      class={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      {t('drop.hint')}
      <input
        type="file"
        accept="image/*"
        onChange={({ currentTarget }) => {
          take(currentTarget.files ?? undefined);
          currentTarget.value = '';
        }}
      />
    </label>
  );
}
