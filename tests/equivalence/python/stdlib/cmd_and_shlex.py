# equiv: {"stdin": "greet you\nquit\n"}
import cmd, shlex
class C(cmd.Cmd):
    use_rawinput = False
    def do_greet(self, a): print("hello", a)
    def do_quit(self, a): return True
C().cmdloop()
print(shlex.split("a 'b c' d\\ e"))
