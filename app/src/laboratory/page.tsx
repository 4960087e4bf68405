import { text } from '../text/text.ts';

/** The page. */
export function Page() {
  const { tabs, notYet } = text.value.shell;
  return (
    <>
      <h1>{tabs.laboratory}</h1>
      <p>{notYet}</p>
    </>
  );
}
