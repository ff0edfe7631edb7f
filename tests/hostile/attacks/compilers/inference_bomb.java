// SPDX-License-Identifier: Apache-2.0
// attack: types whose inference doubles with each call
// layer: cpu
// verdict: compile_error|time_limit|memory_limit
// limits: {"total_wall_ms": 4000}
import java.util.function.*;
class Main {
    static int m(Function<Integer, Integer> f) { return f.apply(1); }
    static int m(ToIntFunction<Integer> f) { return f.applyAsInt(1); }
    static int m(IntSupplier f) { return f.getAsInt(); }
    public static void main(String[] args) {
        System.out.println(
            m((Integer a) -> m((Integer b) -> m((Integer c) -> m((Integer d) -> m((Integer e) ->
            m((Integer f) -> m((Integer g) -> m((Integer h) -> m((Integer i) -> m((Integer j) ->
            m((Integer k) -> m((Integer l) -> m((Integer m) -> m((Integer n) -> m((Integer o) ->
            m((Integer p) -> m((Integer q) -> m((Integer r) -> m((Integer s) -> m((Integer t) ->
            m((Integer u) -> m((Integer v) -> m((Integer w) -> m((Integer x) ->
            1)))))))))))))))))))))))));
    }
}
