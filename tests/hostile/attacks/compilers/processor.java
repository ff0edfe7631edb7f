// SPDX-License-Identifier: Apache-2.0
// attack: brings an annotation processor along, and asks the compiler to run it
// layer: request
// verdict: accepted
// prints: contained
// limits: {"memory_kb": 262144, "cpu_ms": 5000, "wall_ms": 10000}
// request: {"files": [{"name": "javac.properties", "content": "-processor Main"}, {"name": "argfile", "content": "-processor Main"}], "env": {"JDK_JAVAC_OPTIONS": "-processor Main -processorpath /box"}}
import java.util.*;
import javax.annotation.processing.*;
import javax.lang.model.element.*;
@SupportedAnnotationTypes("*")
public class Main extends AbstractProcessor {
    static { if (System.getProperty("java.class.path").contains("classes")) System.out.println("BREACH"); }
    public boolean process(Set<? extends TypeElement> a, RoundEnvironment r) { System.out.println("BREACH"); return true; }
    public static void main(String[] args) { System.out.println("contained"); }
}
