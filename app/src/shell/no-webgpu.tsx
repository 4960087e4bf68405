/**
 * @file What stands in place of all pages where the browser has no WebGPU: which browsers on which systems have it.
 */

import { text } from '../text/text.ts';
import { Table } from './table.tsx';

/** Says where the application runs. `reason` is what the browser said, if it said anything. */
export function NoWebGpu({ reason }: { readonly reason?: string }) {
  const { title, reason: why, browser, systems, rows, insecure, adapter } = text.value.noWebGpu;
  return (
    <section>
      <h1>{title}</h1>
      {isSecureContext ? null : <p>{insecure}</p>}
      <p>{why}</p>
      <Table headings={[browser, systems]}>
        {rows.map(([name, where]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{where}</td>
          </tr>
        ))}
      </Table>
      {reason ? (
        <p>
          {adapter} <q lang="en">{reason}</q>
        </p>
      ) : null}
    </section>
  );
}
