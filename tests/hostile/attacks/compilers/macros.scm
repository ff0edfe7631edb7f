; SPDX-License-Identifier: Apache-2.0
; attack: expands macros that read the host
; layer: tree
; verdict: accepted|compile_error
; prints: contained
(define-syntax found
  (lambda (x)
    (define (tries path)
      (catch #t (lambda () (call-with-input-file path (lambda (p) (read-char p) (list path)))) (lambda _ '())))
    (datum->syntax x (list 'quote (apply append (map tries '("/root/kodewar-canary" "/etc/shadow" "/tmp/kodewar-canary" "/proc/1/environ")))))))
(for-each (lambda (path) (display "BREACH ") (display path) (newline)) (found))
(display "contained\n")
