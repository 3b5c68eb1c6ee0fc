import { percent } from '../text/index.js';
import { Bar } from './bar.js';

/** A bar per class. */
export function Probabilities({ values }: { readonly values: Readonly<Record<string, number>> }) {
  return (
    <table>
      <tbody>
        {Object.entries(values).map(([name, share]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <Bar share={share} />
            </td>
            <td class="number">{percent(share)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
