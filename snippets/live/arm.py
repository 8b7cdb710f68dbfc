from config import stack_dump

stack_dump.arm()
